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
/// whichever comes first. Used on its client's event loop but for what [QueueListener] says.
final class PendingAdmission implements ClientStream.Listener, QueueListener {
  private final ClientStream client;
  private final ByteBuf body;
  private final Permit permit;
  private final Consumer<ClientStream> stillWaits;
  private final Runnable goOn;
  private final RejectionHandler refused;
  private final Runnable whenGone;
  private Runnable leave = () -> {};
  private boolean over;

  /// Handles a request that is rejected.
  @FunctionalInterface
  interface RejectionHandler {
    /// @return whether the request was sent to another service, which then owns its body
    boolean rejected(Failure failure, Map<String, String> headers);
  }

  /// @param stillWaits tells the client so, if it can be told
  /// @param goOn takes over the body and the permit, which has its place by then
  PendingAdmission(
      ClientStream client,
      ByteBuf body,
      Permit permit,
      Consumer<ClientStream> stillWaits,
      Runnable goOn,
      RejectionHandler refused,
      Runnable whenGone) {
    this.client = client;
    this.body = body;
    this.permit = permit;
    this.stillWaits = stillWaits;
    this.goOn = goOn;
    this.refused = refused;
    this.whenGone = whenGone;
    client.listen(this);
  }

  /// @param way out of the line
  void onLeave(Runnable way) {
    leave = way;
  }

  @Override
  public void admitted(ConcurrencySlot concurrencySlot) {
    client
        .loop()
        .execute(() -> {
          if (over) {
            concurrencySlot.leave();
            return;
          }
          over = true;
          permit.occupyAfterWaiting(concurrencySlot);
          goOn.run();
        });
  }

  @Override
  public void rejected(QueueRejection rejection) {
    client
        .loop()
        .execute(() -> {
          if (!over) {
            over = true;
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
          if (!over) {
            stillWaits.accept(client);
          }
        });
  }

  private static Failure failure(QueueRejection rejection) {
    if (rejection.reason() == QueueRejection.Reason.NO_REPLICA) {
      return new Failure(Failure.Kind.NO_REPLICA, rejection.reason().words() + ", try again");
    }
    String message =
        "the model is overloaded and this request was not queued: " + rejection.reason().words();
    return new Failure(Failure.Kind.OVERLOADED, message).retryAfter(rejection.retryAfterNanos());
  }

  @Override
  public void gone() {
    if (!over) {
      over = true;
      body.release();
      permit.cancel();
      leave.run();
      whenGone.run();
    }
  }

  @Override
  public void writabilityChanged(boolean writable) {
    // Nothing but a comment now and then is written while it waits.
  }
}
