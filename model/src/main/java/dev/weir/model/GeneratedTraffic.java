// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.util.List;

/// Requests that gateways make themselves while a release is judged, of both versions in halves and
/// whatever the canary's weight, where clients are too few to tell which is better. The answers are
/// discarded, and clients go first.
///
/// @param source what is asked; `recorded` requests keep their own API and limits
/// @param rate requests a second, over both versions and all gateways together, above 0, at most 50
/// @param api in which probes are asked
/// @param prompts of probes, each as likely as another; none means Weir's own. At most 64 of 8,192
///   characters each, 65,536 together
/// @param maxTokens limit on the output of a probe, 1 to 4096
public record GeneratedTraffic(
    @Default("probes") Source source,
    @Default("2") double rate,
    @Default("chat") ProbeApi api,
    @Default("[]") List<String> prompts,
    @Default("64") int maxTokens) {
  public GeneratedTraffic {
    prompts = List.copyOf(prompts);
  }

  /// What is asked.
  public enum Source implements Text {
    /// Prompts that are made up.
    PROBES("probes"),
    /// Requests of clients that were recorded; see [RecordingSpec].
    RECORDED("recorded");

    private final String text;

    Source(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// How a probe is put.
  public enum ProbeApi implements Text {
    /// `/v1/chat/completions`.
    CHAT("chat"),
    /// `/v1/completions`, for models without a chat template.
    COMPLETIONS("completions");

    private final String text;

    ProbeApi(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }
}
