// SPDX-License-Identifier: Apache-2.0
/// Abuse of HTTP at the gateway: what clients and engines could say that no well-meaning one does,
/// what must come of each, and a canary behind each that must still be served with its own answer.
@NullMarked
package dev.weir.trials.protocol;

import org.jspecify.annotations.NullMarked;
