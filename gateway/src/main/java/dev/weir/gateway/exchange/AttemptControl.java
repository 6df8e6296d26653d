// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// What a relay may do to the attempt it listens to. Event loop only.
public interface AttemptControl {
  /// A token or another meaningful event came: the first-token deadline is met, the stall deadline
  /// starts again.
  void progress();

  /// Stops reading from the replica because the client does not keep up; the stall deadline rests.
  void pause();

  /// Reads on.
  void resume();

  /// Closes the connection to the replica at once, so that the engine stops working. The listener
  /// hears nothing more.
  void cancel();
}
