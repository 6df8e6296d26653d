// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

import java.util.List;

/// Requests that gateways generate during a release when client traffic is too low for the
/// analysis. Each version gets half of them, whatever the canary's weight. Gateways discard the
/// responses, and client requests have precedence.
///
/// @param source what is sent; `recorded` requests keep their own API and limits
/// @param rate requests per second, in total over both versions and all gateways, above 0, at most
///   50
/// @param api the API that probes use
/// @param prompts prompts of probes, chosen with equal probability; empty means Weir's built-in
///   prompts. At most 64 of 8,192 characters each, 65,536 in total
/// @param maxTokens output token limit of a probe, 1 to 4096
public record GeneratedTraffic(
    @Default("probes") Source source,
    @Default("2") double rate,
    @Default("chat") ProbeApi api,
    @Default("[]") List<String> prompts,
    @Default("64") int maxTokens) {
  public GeneratedTraffic {
    prompts = List.copyOf(prompts);
  }

  /// What is sent.
  public enum Source implements Text {
    /// Synthetic prompts.
    PROBES("probes"),
    /// Recorded client requests; see [RecordingSpec][dev.weir.model.spec.RecordingSpec].
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

  /// The API of a probe.
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
