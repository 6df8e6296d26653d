// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.Permit;
import dev.weir.gateway.admission.RequestOptions;
import dev.weir.gateway.dialect.ApiFamily;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.exchange.answer.ResumeConstraints;
import dev.weir.gateway.exchange.answer.TokenIdTracking;
import dev.weir.gateway.exchange.answer.Transcript;
import dev.weir.gateway.upstream.Deadlines;
import dev.weir.snapshot.EngineCapabilities;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A request admitted by one service.
record ServiceAttempt(
    ServiceEntry service, Permit permit, Deadlines deadlines, Transcript transcript) {

  /// @param arrivalNanos from which the total deadline runs
  static ServiceAttempt of(
      ServiceEntry service,
      Permit permit,
      ApiFamily family,
      ParsedRequest parsedRequest,
      RequestOptions requestOptions,
      long arrivalNanos) {
    boolean resume = service.resume() && requestOptions.resume();
    TokenIdTracking ids = resume ? ids(service, parsedRequest) : TokenIdTracking.IGNORED;
    Deadlines deadlines =
        deadlines(
            requestOptions.timeouts(service),
            parsedRequest,
            requestOptions.timeoutNanos(),
            arrivalNanos);
    Transcript transcript =
        new Transcript(
            resume && parsedRequest.continuable(),
            ids,
            resumeConstraints(service, family, parsedRequest));
    return new ServiceAttempt(service, permit, deadlines, transcript);
  }

  /// The constraints that the answer must meet at this service.
  static ResumeConstraints resumeConstraints(
      ServiceEntry service, ApiFamily family, ParsedRequest parsedRequest) {
    return family.at(service.stable().capabilities(), parsedRequest.resumeConstraints());
  }

  private static TokenIdTracking ids(ServiceEntry service, ParsedRequest parsedRequest) {
    if (!parsedRequest.traceable()) {
      return TokenIdTracking.IGNORED;
    }
    return switch (parsedRequest.ids()) {
      case WANTED -> TokenIdTracking.SHOWN;
      case UNNAMED ->
          service.breaks().fromTokens() ? TokenIdTracking.HIDDEN : TokenIdTracking.IGNORED;
      case DECLINED -> TokenIdTracking.IGNORED;
    };
  }

  /// @param clientTimeoutNanos the client's own total timeout
  static Deadlines deadlines(
      Timeouts timeouts,
      ParsedRequest parsedRequest,
      Optional<Long> clientTimeoutNanos,
      long arrivalNanos) {
    long own = TimeUnit.MILLISECONDS.toNanos(timeouts.totalMillis());
    long client = clientTimeoutNanos.orElse(Long.MAX_VALUE);
    return new Deadlines(
        TimeUnit.MILLISECONDS.toNanos(timeouts.connectMillis()),
        TimeUnit.MILLISECONDS.toNanos(timeouts.firstTokenMillis()),
        parsedRequest.stream(),
        TimeUnit.MILLISECONDS.toNanos(timeouts.stallMillis()),
        arrivalNanos + Math.min(own, client),
        client < own ? Failure.Kind.CLIENT_DEADLINE : Failure.Kind.TOTAL_TIMEOUT);
  }

  /// Whether to request token ids that are not sent to the client.
  boolean asksForIds(ApiFamily family, EngineCapabilities engine) {
    return transcript.ids() == TokenIdTracking.HIDDEN && family.traceable(engine);
  }

  /// The same attempt, ending no later than the previous deadlines.
  ServiceAttempt within(Deadlines before) {
    return new ServiceAttempt(service, permit, deadlines.within(before), transcript);
  }
}
