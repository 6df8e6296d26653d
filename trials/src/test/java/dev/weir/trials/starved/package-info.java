// SPDX-License-Identifier: Apache-2.0
/// Parts of trial `starved`: a CPU quota for the gateway, and clients and an engine with enough
/// CPU.
@NullMarked
package dev.weir.trials.starved;

import org.jspecify.annotations.NullMarked;
