// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import dev.weir.model.codec.Json.Read;
import dev.weir.model.value.Problem;
import java.util.List;

/// JSON objects in request bodies.
public final class RequestBodies {
  private RequestBodies() {}

  /// Decodes a JSON object. An empty body is an empty object.
  ///
  /// @throws ProblemException when a field is unknown or not valid
  public static <T extends Record> T object(ApiCall call, Class<T> type) {
    String text = ApiJson.utf8(call.body());
    return switch (dev.weir.model.codec.Json.readStrictly(text.isBlank() ? "{}" : text, type)) {
      case Read.Value<T>(T value, List<String> warnings) -> {
        call.warnings().addAll(warnings);
        yield value;
      }
      case Read.Refused<T>(List<Problem> problems) ->
          throw ProblemException.of(ProblemType.INVALID, problems);
    };
  }
}
