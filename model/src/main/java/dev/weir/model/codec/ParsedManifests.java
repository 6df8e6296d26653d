// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.Problem;
import dev.weir.model.Resource;
import java.util.List;

/// What a text of resources held.
///
/// @param resources those that could be read, in the order of the text; use them only when there is
///   no problem
/// @param problems everything that is wrong, in the order of the text, at most
///   `Manifests.MAX_PROBLEMS`
public record ParsedManifests(List<Resource> resources, List<Problem> problems) {
  public ParsedManifests {
    resources = List.copyOf(resources);
    problems = List.copyOf(problems);
  }

  /// Whether all of the text can be used.
  public boolean ok() {
    return problems.isEmpty();
  }
}
