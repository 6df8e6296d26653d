// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.outward;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// The first bytes of a body as text; a larger body is truncated.
final class BodyPrefix implements BodySubscriber<String> {
  private final int limit;
  private final CompletableFuture<String> body = new CompletableFuture<>();
  private final ByteArrayOutputStream prefix = new ByteArrayOutputStream();
  private Flow.@Nullable Subscription subscription;

  /// @param limit the maximum number of bytes to read
  BodyPrefix(int limit) {
    this.limit = limit;
  }

  @Override
  public CompletionStage<String> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    subscription = newSubscription;
    newSubscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      byte[] bytes = new byte[Math.min(buffer.remaining(), limit - prefix.size())];
      buffer.get(bytes);
      prefix.writeBytes(bytes);
    }
    if (prefix.size() >= limit && subscription != null) {
      subscription.cancel();
      onComplete();
    }
  }

  @Override
  public void onError(Throwable error) {
    body.completeExceptionally(error);
  }

  @Override
  public void onComplete() {
    body.complete(prefix.toString(StandardCharsets.UTF_8));
  }
}
