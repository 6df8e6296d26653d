// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.value.Default;
import dev.weir.model.view.RequestTrace;
import java.util.List;

/// The traces of a recent request.
///
/// @param items one trace for each gateway that handled the request
/// @param unanswered gateways that did not respond in time
public record FoundRequest(List<RequestTrace> items, @Default("[]") List<String> unanswered) {
  public FoundRequest {
    items = List.copyOf(items);
    unanswered = List.copyOf(unanswered);
  }
}
