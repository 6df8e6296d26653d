// SPDX-License-Identifier: Apache-2.0
/// Abuse of HTTP at the gateway by clients and engines, the expected result of each case, and a
/// valid request after each case that must get its own answer.
@NullMarked
package dev.weir.trials.protocol;

import org.jspecify.annotations.NullMarked;
