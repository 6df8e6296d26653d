// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.ConcurrencySlot;
import dev.weir.gateway.admission.Permit;
import dev.weir.gateway.admission.QueueListener;
import dev.weir.gateway.admission.QueueRejection;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.function.Consumer;

/// A request that waits for admission: it proceeds, is rejected, or its client disconnects,
/// whichever happens first. Used on its client's event loop, except for the [QueueListener]
/// methods.
final class PendingAdmission implements ClientStream.Listener, QueueListener {
  private final ClientStream client;
  private final ByteBuf body;
  private final Permit permit;
  private final Consumer<ClientStream> stillWaits;
  private final Runnable proceed;
  private final RejectionHandler refused;
  private final Runnable onDisconnect;
  private Runnable leave = () -> {};
  private boolean done;

  /// Handles a request that is rejected.
  @FunctionalInterface
  interface RejectionHandler {
    /// @return whether the request was sent to another service, which then owns its body
    boolean rejected(Failure failure, Map<String, String> headers);
  }

  /// @param stillWaits sends a keep-alive to the client, if the API allows it
  /// @param proceed takes over the body and the permit, which by then holds its slot
  PendingAdmission(
      ClientStream client,
      ByteBuf body,
      Permit permit,
      Consumer<ClientStream> stillWaits,
      Runnable proceed,
      RejectionHandler refused,
      Runnable onDisconnect) {
    this.client = client;
    this.body = body;
    this.permit = permit;
    this.stillWaits = stillWaits;
    this.proceed = proceed;
    this.refused = refused;
    this.onDisconnect = onDisconnect;
    client.listen(this);
  }

  /// @param action leaves the queue
  void onLeave(Runnable action) {
    leave = action;
  }

  @Override
  public void admitted(ConcurrencySlot concurrencySlot) {
    client
        .loop()
        .execute(() -> {
          if (done) {
            concurrencySlot.leave();
            return;
          }
          done = true;
          permit.occupyAfterWaiting(concurrencySlot);
          proceed.run();
        });
  }

  @Override
  public void rejected(QueueRejection rejection) {
    client
        .loop()
        .execute(() -> {
          if (!done) {
            done = true;
            Map<String, String> headers = permit.headers();
            permit.cancel();
            if (!refused.rejected(failure(rejection), headers)) {
              body.release();
            }
          }
        });
  }

  @Override
  public void keepAlive() {
    client
        .loop()
        .execute(() -> {
          if (!done) {
            stillWaits.accept(client);
          }
        });
  }

  private static Failure failure(QueueRejection rejection) {
    if (rejection.reason() == QueueRejection.Reason.NO_REPLICA) {
      return new Failure(Failure.Kind.NO_REPLICA, rejection.reason().message() + ", try again");
    }
    String message =
        "the model is overloaded and this request was rejected: " + rejection.reason().message();
    return new Failure(Failure.Kind.OVERLOADED, message).retryAfter(rejection.retryAfterNanos());
  }

  @Override
  public void gone() {
    if (!done) {
      done = true;
      body.release();
      permit.cancel();
      leave.run();
      onDisconnect.run();
    }
  }

  @Override
  public void writabilityChanged(boolean writable) {
    // Only small keep-alives are written while the request waits.
  }
}
