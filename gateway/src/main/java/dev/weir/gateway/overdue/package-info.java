// SPDX-License-Identifier: Apache-2.0
/// When an answer that comes whole is overdue: [dev.weir.gateway.overdue.AnswerTimes] learns how
/// long the answers of each Service take, and derives the bound of a wait from that.
@NullMarked
package dev.weir.gateway.overdue;

import org.jspecify.annotations.NullMarked;
