// SPDX-License-Identifier: Apache-2.0
/// The plan of a release as a list of stages. It is a pure function of the Rollout, so control
/// plane and command line compute the same plan.
@NullMarked
package dev.weir.model.release;

import org.jspecify.annotations.NullMarked;
