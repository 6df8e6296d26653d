// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.Problem;
import dev.weir.model.Resource;
import java.util.List;

/// The resources and problems of a text.
///
/// @param resources the readable resources, in the order of the text; use them only if there are no
///   problems
/// @param problems all problems, in the order of the text, at most `Manifests.MAX_PROBLEMS`
public record ParsedManifests(List<Resource> resources, List<Problem> problems) {
  public ParsedManifests {
    resources = List.copyOf(resources);
    problems = List.copyOf(problems);
  }

  /// Whether the text has no problems.
  public boolean ok() {
    return problems.isEmpty();
  }
}
