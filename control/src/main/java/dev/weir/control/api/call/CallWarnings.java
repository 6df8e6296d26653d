// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Warnings of one call whose response body has no place for them, for example that a resource uses
/// a retired name. The response carries them in the header `Warning`. Used by the one thread of the
/// call.
public final class CallWarnings {
  private static final String HEADER = "Warning";

  private final List<String> texts = new ArrayList<>();

  public void addAll(List<String> more) {
    texts.addAll(more);
  }

  /// The answer with a `Warning` header of code 299 for each warning.
  public ApiResponse addedTo(ApiResponse answer) {
    return switch (answer) {
      case ApiResponse.Whole whole when !texts.isEmpty() -> {
        Map<String, String> headers = new HashMap<>(whole.headers());
        headers.put(HEADER, String.join(", ", texts.stream().map(CallWarnings::quoted).toList()));
        yield new ApiResponse.Whole(whole.status(), whole.contentType(), whole.body(), headers);
      }
      case ApiResponse.Whole _, ApiResponse.Download _, ApiResponse.Stream _ -> answer;
    };
  }

  private static String quoted(String text) {
    return "299 weir \"" + text.replaceAll("[^ -~]", "?").replaceAll("[\"\\\\]", "\\\\$0") + "\"";
  }
}
