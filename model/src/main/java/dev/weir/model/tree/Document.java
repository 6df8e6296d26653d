// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.tree;

import dev.weir.model.value.Problem;
import java.util.List;

/// One document of a text, with its syntax problems.
///
/// @param number 1, 2, 3 ... within the text
/// @param root `Nothing` when the document could not be read
public record Document(int number, Node root, List<Problem> problems) {
  public Document {
    problems = List.copyOf(problems);
  }
}
