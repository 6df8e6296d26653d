// SPDX-License-Identifier: Apache-2.0

/// What people are told of: conditions that are so ([Conditions]), news of rollouts
/// ([RolloutNews]), kept in the store until each channel has them ([AlertBook]), and brought there
/// ([Courier]).
///
/// An alert is derived from what is stored or seen, never remembered: whoever takes over after a
/// death derives the same one, with the same id. It is told at least once.
@NullMarked
package dev.weir.control.alert;

import org.jspecify.annotations.NullMarked;
