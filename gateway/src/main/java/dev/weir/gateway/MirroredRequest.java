// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.balance.Balancer;
import dev.weir.gateway.balance.Verdict;
import dev.weir.gateway.dialect.AskWriter;
import dev.weir.gateway.exchange.Ask;
import dev.weir.gateway.exchange.AttemptControl;
import dev.weir.gateway.exchange.AttemptListener;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.upstream.Deadlines;
import dev.weir.gateway.upstream.Manner;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A copy of a request at another service. The answer is read and thrown away; there is one
/// attempt, within the service's own deadlines; nothing of it reaches limits, records or the
/// client, who may be long gone. Only the replica's health remembers how it went.
final class MirroredRequest implements AttemptListener {
  private final RequestPipeline.Parts parts;
  private final RequestPipeline.Incoming in;
  private final ByteBuf body;
  private final Ask ask;
  private final Consumer<String> told;
  private Optional<Balancer.Pick> pick = Optional.empty();
  private int status;
  private @Nullable AttemptControl control;

  /// @param body retained for the copy, released when it ends
  /// @param told `dropped`, `answered` or `failed`
  MirroredRequest(
      RequestPipeline.Parts parts,
      RequestPipeline.Incoming in,
      ByteBuf body,
      Ask ask,
      Consumer<String> told) {
    this.parts = parts;
    this.in = in;
    this.body = body;
    this.ask = ask;
    this.told = told;
  }

  /// Sends it where there is room for it and somebody to send it to.
  ///
  /// @param deadlines of the service, from now
  void send(ServiceEntry service, Deadlines deadlines) {
    if (!parts.mirrors().enter()) {
      body.release();
      told.accept(Mirrors.DROPPED);
      return;
    }
    pick =
        in.speaks(service)
            ? parts.balancer().pick(service, service.stable(), Set.of(), parts.random())
            : Optional.empty();
    if (pick.isEmpty()) {
      body.release();
      parts.mirrors().unsent();
      told.accept(Mirrors.DROPPED);
      return;
    }
    Balancer.Pick chosen = pick.get();
    control =
        parts
            .upstreams()
            .open(
                chosen.key(),
                Manner.of(chosen.replica()),
                (base, authority) -> request(chosen.replica().servedModel(), base, authority),
                deadlines,
                this,
                parts
                    .faults()
                    .draw(
                        service.id(),
                        service.stable().version(),
                        chosen.replica(),
                        parts.random()));
  }

  private FullHttpRequest request(String servedModel, String base, String authority) {
    ByteBuf sent = AskWriter.body(body, ask, servedModel);
    return Outgoing.marked(Outgoing.request(in, in.api().path(), sent, base, authority));
  }

  // --- the answer, for nobody

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
    // Nobody is waiting for what was read.
  }

  @Override
  public void complete() {
    ended(verdict());
  }

  private Verdict verdict() {
    if (status / 100 == 2) {
      return Verdict.SUCCESS;
    }
    Failure.Kind kind =
        status == 429 || status == 503
            ? Failure.Kind.BACKPRESSURE
            : status >= 500 ? Failure.Kind.SERVER_ERROR : Failure.Kind.REJECTED_BY_ENGINE;
    return Verdict.of(new Failure(kind, "a mirrored request: " + status), Optional.empty());
  }

  @Override
  public void broke(Failure failure) {
    ended(Verdict.of(failure, Optional.empty()));
  }

  private void ended(Verdict verdict) {
    body.release();
    pick.ifPresent(chosen -> chosen.ended(verdict));
    told.accept(parts.mirrors().left(verdict.failure().isEmpty()));
  }
}
