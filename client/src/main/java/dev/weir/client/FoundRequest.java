// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Default;
import dev.weir.model.RequestTrace;
import java.util.List;

/// What gateways remember of a request.
///
/// @param items one for each gateway that it came through
/// @param unanswered gateways that could not be asked in time
public record FoundRequest(List<RequestTrace> items, @Default("[]") List<String> unanswered) {
  public FoundRequest {
    items = List.copyOf(items);
    unanswered = List.copyOf(unanswered);
  }
}
