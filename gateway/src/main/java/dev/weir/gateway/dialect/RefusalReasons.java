// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

/// Finish reasons that mean a refusal.
final class RefusalReasons {
  private RefusalReasons() {}

  /// `content_filter` of OpenAI's APIs, `refusal` of Anthropic's.
  static boolean isOne(String reason) {
    return reason.equals("content_filter") || reason.equals("refusal");
  }
}
