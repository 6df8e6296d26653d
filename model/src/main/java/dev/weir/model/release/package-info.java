// SPDX-License-Identifier: Apache-2.0
/// The way that a release takes: what it sets out to do, as a list of stages. Pure, so that whoever
/// reads a Rollout (control plane, command line) knows the same way.
@NullMarked
package dev.weir.model.release;

import org.jspecify.annotations.NullMarked;
