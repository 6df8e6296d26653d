// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.dialect.ApiPath;
import dev.weir.gateway.dialect.PromptTextReader;
import dev.weir.gateway.exchange.CohortMembership;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.gateway.exchange.VersionDecision;
import dev.weir.gateway.exchange.answer.AnswerText;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Grading;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A request whose answer a judge grades, with its question as text. It is drawn before the request
/// is sent, from the request alone, so that neither the version nor the result influences the draw.
/// Both halves of a mirrored request are drawn together.
///
/// @param loop of the request, on which the grade is reported
record SampledAnswer(
    RequestPipeline.Components components, EventLoop loop, Grading rules, String question) {
  /// Larger bodies are not sampled.
  static final int MAX_BODY = 256 * 1024;

  private static final int MILLION = 1_000_000;

  /// @param body JSON that was read
  ///
  /// @return empty if the request is not in the sample; a request whose client opts out of
  ///   recording never is
  static Optional<SampledAnswer> draw(
      RequestPipeline.Components components,
      RequestPipeline.AuthenticatedRequest in,
      VersionDecision decision,
      ByteBuf body) {
    return in.declinesRecord()
        ? Optional.empty()
        : draw(components, in.rejection().client().loop(), decision, in.api(), body);
  }

  /// Draws for a request that the gateway generates.
  static Optional<SampledAnswer> draw(
      RequestPipeline.Components components,
      EventLoop loop,
      VersionDecision decision,
      ApiPath api,
      ByteBuf body) {
    CohortMembership membership = decision.membership();
    Grading rules = decision.rollout().map(CanaryArm::grading).orElse(Grading.NONE);
    boolean eligible = membership.recorded() || membership == CohortMembership.GENERATED;
    boolean drawn =
        eligible && rules.any() && components.random().nextInt(MILLION) < rules.shareMillionths();
    return drawn && api.generatesText() && body.readableBytes() <= MAX_BODY
        ? question(api, body).map(text -> new SampledAnswer(components, loop, rules, text))
        : Optional.empty();
  }

  private static Optional<String> question(ApiPath api, ByteBuf body) {
    byte[] json = new byte[body.readableBytes()];
    body.getBytes(body.readerIndex(), json);
    return PromptTextReader.read(api.family(), json);
  }

  /// The first attempt's answer is complete. The time limit for grading runs from now.
  ///
  /// @param observer receives the grade, if there is one
  void answered(AnswerText answer, RequestRecorder.RequestObserver observer) {
    if (answer.wasRead()) {
      long nanos = TimeUnit.MILLISECONDS.toNanos(rules.withinMillis());
      long deadline = components.nanoTime().getAsLong() + nanos;
      components
          .gradings()
          .put(new GradingRequest(this, answer.text(), deadline, observer::graded));
    }
  }
}
