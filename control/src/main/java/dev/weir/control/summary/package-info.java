// SPDX-License-Identifier: Apache-2.0

/// Releases in words, for people who know no statistics: facts in, sentences out. All classes are
/// pure.
@NullMarked
package dev.weir.control.summary;

import org.jspecify.annotations.NullMarked;
