// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.balance.AttemptOutcome;
import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.dialect.RequestBodyWriter;
import dev.weir.gateway.exchange.AttemptControl;
import dev.weir.gateway.exchange.AttemptListener;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.ParsedRequest;
import dev.weir.gateway.upstream.Deadlines;
import dev.weir.gateway.upstream.UpstreamAuth;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A copy of a request at another service. The answer is read and discarded. There is one attempt,
/// within the service's own deadlines. It does not appear in limits, records or the client's
/// answer, and does not need the client to stay connected. The result counts only towards the
/// replica's health.
final class MirroredRequest implements AttemptListener {
  private final RequestPipeline.Components components;
  private final RequestPipeline.AuthenticatedRequest in;
  private final ByteBuf body;
  private final ParsedRequest parsedRequest;
  private final Consumer<String> onResult;
  private Optional<Balancer.Pick> pick = Optional.empty();
  private int status;
  private @Nullable AttemptControl control;

  /// @param body retained for the copy, released when it ends
  /// @param onResult receives `dropped`, `answered` or `failed`
  MirroredRequest(
      RequestPipeline.Components components,
      RequestPipeline.AuthenticatedRequest in,
      ByteBuf body,
      ParsedRequest parsedRequest,
      Consumer<String> onResult) {
    this.components = components;
    this.in = in;
    this.body = body;
    this.parsedRequest = parsedRequest;
    this.onResult = onResult;
  }

  /// Sends the copy if there is capacity and a replica for it.
  ///
  /// @param deadlines of the service, from now
  void send(ServiceEntry service, Deadlines deadlines) {
    if (!components.mirrors().enter()) {
      body.release();
      onResult.accept(MirrorTracker.DROPPED);
      return;
    }
    pick =
        in.supports(service)
            ? components.balancer().pick(service, service.stable(), Set.of(), components.random())
            : Optional.empty();
    if (pick.isEmpty()) {
      body.release();
      components.mirrors().unsent();
      onResult.accept(MirrorTracker.DROPPED);
      return;
    }
    Balancer.Pick chosen = pick.get();
    control =
        components
            .upstreams()
            .open(
                chosen.key(),
                UpstreamAuth.of(chosen.replica()),
                (base, authority) -> request(chosen.replica().servedModel(), base, authority),
                deadlines,
                this,
                components
                    .faults()
                    .draw(
                        service.id(),
                        service.stable().version(),
                        chosen.replica(),
                        components.random()));
  }

  private FullHttpRequest request(String servedModel, String base, String authority) {
    ByteBuf sent = RequestBodyWriter.body(body, parsedRequest, servedModel);
    return UpstreamRequests.marked(
        UpstreamRequests.request(in, in.api().path(), sent, base, authority));
  }

  // --- the answer, which is discarded

  @Override
  public void head(int answered, HttpHeaders headers) {
    status = answered;
  }

  @Override
  public void body(ByteBuf bytes) {
    bytes.release();
    AttemptControl attempt = control;
    if (attempt != null) {
      attempt.progress();
    }
  }

  @Override
  public void readComplete() {
    // There is no client to flush to.
  }

  @Override
  public void complete() {
    ended(attemptOutcome());
  }

  private AttemptOutcome attemptOutcome() {
    if (status / 100 == 2) {
      return AttemptOutcome.SUCCESS;
    }
    Failure.Kind kind =
        status == 429 || status == 503
            ? Failure.Kind.BACKPRESSURE
            : status >= 500 ? Failure.Kind.SERVER_ERROR : Failure.Kind.REJECTED_BY_ENGINE;
    return AttemptOutcome.of(new Failure(kind, "a mirrored request: " + status), Optional.empty());
  }

  @Override
  public void broke(Failure failure) {
    ended(AttemptOutcome.of(failure, Optional.empty()));
  }

  private void ended(AttemptOutcome attemptOutcome) {
    body.release();
    pick.ifPresent(chosen -> chosen.ended(attemptOutcome));
    onResult.accept(components.mirrors().left(attemptOutcome.failure().isEmpty()));
  }
}
