// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.codec;

import dev.weir.model.Resource;
import dev.weir.model.value.Problem;
import java.util.List;

/// The resources and problems of a text.
///
/// @param resources the readable resources, in the order of the text; use them only if there are no
///   problems
/// @param problems all problems, in the order of the text, at most `Manifests.MAX_PROBLEMS`
/// @param warnings uses of retired names, one line each
public record ParsedManifests(
    List<Resource> resources, List<Problem> problems, List<String> warnings) {
  public ParsedManifests {
    resources = List.copyOf(resources);
    problems = List.copyOf(problems);
    warnings = List.copyOf(warnings);
  }

  /// A text without retired names.
  public ParsedManifests(List<Resource> resources, List<Problem> problems) {
    this(resources, problems, List.of());
  }

  /// Whether the text has no problems.
  public boolean ok() {
    return problems.isEmpty();
  }
}
