// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// How a relay controls its attempt. Event loop only.
public interface AttemptControl {
  /// A token or another meaningful event arrived: the first-token deadline is met, and the stall
  /// timeout restarts.
  void progress();

  /// Stops reading from the replica because the client does not keep up; the stall timeout is
  /// suspended.
  void pause();

  /// Resumes reading.
  void resume();

  /// Closes the connection to the replica at once, so that the engine stops generating. The
  /// listener gets no more calls.
  void cancel();
}
