// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.vocabulary;

/// One line of a file, split into what people read and what the compiler reads.
///
/// @param number from 1
/// @param prose comments and string literals of Java, and all text of other files
/// @param names identifiers, strings and all other text: where names are searched
record SourceLine(int number, String prose, String names) {}
