// SPDX-License-Identifier: Apache-2.0
/// Checks the terms of all texts of this repository: comments, messages, scripts and documentation.
@NullMarked
package dev.weir.trials.vocabulary;

import org.jspecify.annotations.NullMarked;
