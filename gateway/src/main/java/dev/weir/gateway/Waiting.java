// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.admission.Guest;
import dev.weir.gateway.admission.Permit;
import dev.weir.gateway.admission.Seat;
import dev.weir.gateway.admission.Shed;
import dev.weir.gateway.exchange.ClientStream;
import dev.weir.gateway.exchange.Failure;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.function.Consumer;

/// A request that waits for a place: it goes on, is turned away, or its client leaves, whichever
/// comes first. Used on its client's event loop but for what [Guest] says.
final class Waiting implements ClientStream.Listener, Guest {
  private final ClientStream client;
  private final ByteBuf body;
  private final Permit permit;
  private final Consumer<ClientStream> stillWaits;
  private final Runnable goOn;
  private final Refused refused;
  private final Runnable whenGone;
  private Runnable leave = () -> {};
  private boolean over;

  /// What becomes of a request that is turned away.
  @FunctionalInterface
  interface Refused {
    /// @return whether the request went on its way after all, elsewhere, and owns its body
    boolean because(Failure failure, Map<String, String> headers);
  }

  /// @param stillWaits tells the client so, if it can be told
  /// @param goOn takes over the body and the permit, which has its place by then
  Waiting(
      ClientStream client,
      ByteBuf body,
      Permit permit,
      Consumer<ClientStream> stillWaits,
      Runnable goOn,
      Refused refused,
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
  void leaveBy(Runnable way) {
    leave = way;
  }

  @Override
  public void seated(Seat seat) {
    client
        .loop()
        .execute(() -> {
          if (over) {
            seat.leave();
            return;
          }
          over = true;
          permit.sitAfterWaiting(seat);
          goOn.run();
        });
  }

  @Override
  public void turnedAway(Shed shed) {
    client
        .loop()
        .execute(() -> {
          if (!over) {
            over = true;
            Map<String, String> headers = permit.headers();
            permit.giveBack();
            if (!refused.because(failure(shed), headers)) {
              body.release();
            }
          }
        });
  }

  @Override
  public void stillWaits() {
    client
        .loop()
        .execute(() -> {
          if (!over) {
            stillWaits.accept(client);
          }
        });
  }

  private static Failure failure(Shed shed) {
    if (shed.reason() == Shed.Reason.NO_REPLICA) {
      return new Failure(Failure.Kind.NO_REPLICA, shed.reason().words() + ", try again");
    }
    String message =
        "the model is busy and this request was not let wait: " + shed.reason().words();
    return new Failure(Failure.Kind.OVERLOADED, message).retryAfter(shed.retryAfterNanos());
  }

  @Override
  public void gone() {
    if (!over) {
      over = true;
      body.release();
      permit.giveBack();
      leave.run();
      whenGone.run();
    }
  }

  @Override
  public void writabilityChanged(boolean writable) {
    // Nothing but a comment now and then is written while it waits.
  }
}
