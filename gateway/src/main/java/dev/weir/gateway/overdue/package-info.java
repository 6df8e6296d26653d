// SPDX-License-Identifier: Apache-2.0
/// Decides when a non-streamed answer is overdue: [dev.weir.gateway.overdue.AnswerTimes] learns how
/// long the answers of each Service take, and derives the bound of a wait.
@NullMarked
package dev.weir.gateway.overdue;

import org.jspecify.annotations.NullMarked;
