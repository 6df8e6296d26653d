// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.question;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The answers of gateways to a question.
///
/// @param answers JSON by gateway
/// @param silent connected gateways that did not answer in time, or could not
public record GatewayReplies(SortedMap<String, String> answers, List<String> silent) {
  public GatewayReplies {
    answers = Collections.unmodifiableSortedMap(new TreeMap<>(answers));
    silent = List.copyOf(silent);
  }

  static GatewayReplies of(Map<String, String> answers, List<String> silent) {
    return new GatewayReplies(new TreeMap<>(answers), silent);
  }
}
