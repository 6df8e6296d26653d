// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.RequestHandler;
import dev.weir.gateway.exchange.RequestHead;
import dev.weir.gateway.exchange.answer.FoldedLines;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One client connection. Reads a request, passes it to the handler, and reads the next one when
/// the answer is sent. A bounded number of pipelined requests wait here.
final class ClientConnection extends ChannelInboundHandlerAdapter {
  /// Reading stops above this number of waiting parts of pipelined requests.
  private static final int MAX_AHEAD = 64;

  private static final long LINGER_MILLIS = 1_000;

  /// How long the rest of a rejected body is read, so that a client that reads only after sending
  /// everything receives the answer.
  private static final long DISCARD_MILLIS = 5_000;

  private enum Reading {
    /// Between requests.
    HEAD,
    /// The body is collected.
    BODY,
    /// The body is discarded.
    DISCARD,
    /// The request is read; its answer is not sent yet.
    NOTHING
  }

  private final Channel channel;
  private final ListenerLimits limits;
  private final BodyMemory memory;
  private final RequestHandler handler;
  private final BooleanSupplier draining;
  private final OptionalLong fullNanos;
  private final LongSupplier nanoTime;
  private final ArrayDeque<HttpObject> ahead = new ArrayDeque<>();

  private Reading reading = Reading.HEAD;
  private RequestHandler.@Nullable BodyReader reader;
  private @Nullable ResponseStream answer;
  private @Nullable BodyAssembler body;
  private int claimed;
  private long discarded;
  private @Nullable ScheduledFuture<?> uploadTimer;
  private boolean idle = true;
  private long idleSinceNanos;
  private long startedNanos;
  private long arrivedNanos;
  private boolean closing;
  private boolean pumping;
  private boolean closeWhenRead;
  private ChannelFuture lastWrite;

  /// @param fullNanos until capacity is expected if this connection exceeds the limit; otherwise
  ///   empty
  /// @param acceptedNanos monotonic, when it was accepted
  ClientConnection(
      Channel channel,
      ListenerLimits limits,
      BodyMemory memory,
      RequestHandler handler,
      BooleanSupplier draining,
      OptionalLong fullNanos,
      long acceptedNanos,
      LongSupplier nanoTime) {
    this.channel = channel;
    this.limits = limits;
    this.memory = memory;
    this.handler = handler;
    this.draining = draining;
    this.fullNanos = fullNanos;
    this.nanoTime = nanoTime;
    this.idleSinceNanos = acceptedNanos;
    this.startedNanos = acceptedNanos;
    this.arrivedNanos = acceptedNanos;
    this.lastWrite = channel.newSucceededFuture();
  }

  // --- connection events

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (fullNanos.isPresent()) {
      closing = true;
      ResponseStream refusal = new ResponseStream(this, channel, false, false);
      answer = refusal;
      handler.malformed(
          refusal,
          new Failure(
                  Failure.Kind.TOO_MANY_CONNECTIONS,
                  "this gateway has reached its limit of connections")
              .retryAfter(fullNanos.getAsLong()));
      return;
    }
    watchIdle(limits.idleMillis());
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ResponseStream current = answer;
    answer = null;
    reader = null;
    stopUploadTimer();
    dropBody();
    releaseMemory();
    ahead.forEach(ReferenceCountUtil::release);
    ahead.clear();
    if (current != null) {
      current.gone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ResponseStream current = answer;
    if (current != null) {
      current.writabilityChanged(channel.isWritable());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof Listener.Drain && idle) {
      var _ = ctx.close();
    }
  }

  private void watchIdle(long delayMillis) {
    var _ = channel.eventLoop().schedule(this::checkIdle, delayMillis, TimeUnit.MILLISECONDS);
  }

  private void checkIdle() {
    if (!channel.isActive()) {
      return;
    }
    long idleMillis = idle ? TimeUnit.NANOSECONDS.toMillis(nanoTime() - idleSinceNanos) : 0;
    if (idleMillis >= limits.idleMillis()) {
      var _ = channel.close();
    } else {
      watchIdle(limits.idleMillis() - idleMillis);
    }
  }

  // --- reading

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (closing) {
      ReferenceCountUtil.release(message);
      return;
    }
    ahead.addLast((HttpObject) message);
    pump();
    if (ahead.size() > MAX_AHEAD) {
      channel.config().setAutoRead(false);
    }
  }

  /// Processes parts of requests as long as possible.
  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    while (reading != Reading.NOTHING && !closing && !ahead.isEmpty()) {
      take(ahead.removeFirst());
    }
    pumping = false;
    if (ahead.size() <= MAX_AHEAD && !channel.config().isAutoRead()) {
      channel.config().setAutoRead(true);
    }
  }

  private void take(HttpObject part) {
    if (part.decoderResult().isFailure()) {
      Throwable cause = part.decoderResult().cause();
      ReferenceCountUtil.release(part);
      malformed(cause);
      return;
    }
    if (part instanceof HttpRequest request && reading == Reading.HEAD) {
      head(request);
    }
    if (part instanceof HttpContent content) {
      content(content);
    }
  }

  private void malformed(Throwable cause) {
    closing = true;
    dropBody();
    ResponseStream current = answer;
    if (current == null && reading == Reading.DISCARD) {
      closeWhenWritten(); // that request was already answered
      return;
    }
    if (current == null) {
      current = new ResponseStream(this, channel, false, false);
      answer = current;
    }
    current.closeAfter();
    handler.malformed(current, classify(cause));
  }

  private Failure classify(Throwable cause) {
    if (cause instanceof StrictRequestDecoder.UnknownVersionException) {
      return new Failure(Failure.Kind.UNKNOWN_VERSION, "only HTTP/1.0 and HTTP/1.1 are supported");
    }
    if (cause instanceof FoldedLines.FoldedLineException) {
      return new Failure(
          Failure.Kind.BAD_REQUEST,
          "a header or trailer line begins with a space or a tab; write each header on one line");
    }
    if (cause instanceof TooLongHttpLineException && reading == Reading.HEAD) {
      return new Failure(Failure.Kind.URI_TOO_LONG, "the request line is too long");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return new Failure(Failure.Kind.HEADERS_TOO_LARGE, "the request's headers are too large");
    }
    return new Failure(Failure.Kind.BAD_REQUEST, "this is not a valid HTTP/1.1 request");
  }

  private void head(HttpRequest request) {
    idle = false;
    boolean modern = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    boolean keepAlive = HttpUtil.isKeepAlive(request);
    ResponseStream next = new ResponseStream(this, channel, keepAlive && !expects(request), modern);
    answer = next;
    if (modern && request.headers().getAll(HttpHeaderNames.HOST).size() != 1) {
      refuse(next, Failure.Kind.BAD_REQUEST, "exactly one Host header is required");
      return;
    }
    if (!isPlainlyFramed(request.headers())) {
      refuse(next, Failure.Kind.BAD_REQUEST, "the only supported Transfer-Encoding is chunked");
      return;
    }
    String uri = originForm(request.uri());
    if (!uri.startsWith("/") && !uri.equals("*")) {
      refuse(next, Failure.Kind.BAD_REQUEST, "the request's target must be a path");
      return;
    }
    int mark = uri.indexOf('?');
    String path = mark < 0 ? uri : uri.substring(0, mark);
    String query = mark < 0 ? "" : uri.substring(mark);
    RequestHead head =
        new RequestHead(request.method().name(), path, query, request.headers(), startedNanos);
    next.head(head);
    reading = Reading.DISCARD;
    switch (handler.head(head, next)) {
      case RequestHandler.Next.Discard _ -> discard(request);
      case RequestHandler.Next.ReadBody read -> {
        next.keepAlive(keepAlive);
        readBody(request, next, read.reader());
      }
    }
  }

  /// Rejects framing that different recipients could interpret differently (RFC 9112, section 6.1).
  private static boolean isPlainlyFramed(HttpHeaders headers) {
    List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    return codings.isEmpty()
        || (codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked"));
  }

  /// HTTP/1.0 does not define `Expect` (RFC 9110, section 10.1.1).
  private static boolean expects(HttpRequest request) {
    return request.protocolVersion().equals(HttpVersion.HTTP_1_1)
        && request.headers().contains(HttpHeaderNames.EXPECT);
  }

  /// After a rejection, a client that waited for `100 Continue` may or may not send its body, so
  /// the meaning of the next byte is unknown.
  private void discard(HttpRequest request) {
    beginDiscarding();
    if (expects(request)) {
      closing = true;
      if (answer == null) {
        closeWhenWritten();
      }
    }
  }

  /// The path of an absolute form `http://host/path` (RFC 9112, section 3.2.2).
  private static String originForm(String uri) {
    int scheme = uri.indexOf("://");
    String name = scheme < 0 ? "" : uri.substring(0, scheme);
    if (!name.equalsIgnoreCase("http") && !name.equalsIgnoreCase("https")) {
      return uri;
    }
    int path = uri.indexOf('/', scheme + 3);
    return path < 0 ? "/" : uri.substring(path);
  }

  private void refuse(ResponseStream current, Failure.Kind kind, String message) {
    closing = true;
    current.closeAfter();
    handler.malformed(current, new Failure(kind, message));
  }

  private void readBody(
      HttpRequest request, ResponseStream current, RequestHandler.BodyReader bodyReader) {
    String expect = expects(request) ? request.headers().get(HttpHeaderNames.EXPECT) : null;
    if (declaredLength(request) > limits.maxBodyBytes()) {
      closing = expect != null;
      current.closeAfter();
      beginDiscarding();
      bodyReader.failed(tooLarge());
      return;
    }
    if (expect != null && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expect)) {
      closing = true;
      current.closeAfter();
      bodyReader.failed(
          new Failure(Failure.Kind.EXPECTATION_FAILED, "only Expect: 100-continue is supported"));
      return;
    }
    if (expect != null) {
      var _ =
          channel.writeAndFlush(
              new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    }
    startUploadTimer(limits.uploadMillis());
    reader = bodyReader;
    body = new BodyAssembler(channel.alloc());
    reading = Reading.BODY;
  }

  private static long declaredLength(HttpRequest request) {
    return HttpUtil.getContentLength(request, 0L);
  }

  private Failure tooLarge() {
    return new Failure(
        Failure.Kind.BODY_TOO_LARGE,
        "the request's body is larger than " + limits.maxBodyBytes() + " bytes");
  }

  private void content(HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    if (reading == Reading.BODY) {
      collect(content);
    } else {
      discard(content);
    }
    if (last && !closing) {
      requestRead();
    }
  }

  private void discard(HttpContent content) {
    discarded += content.content().readableBytes();
    content.release();
    if (reading == Reading.DISCARD && discarded > limits.maxBodyBytes()) {
      endDiscarding();
    }
  }

  private void collect(HttpContent content) {
    BodyAssembler collected = body;
    int more = content.content().readableBytes();
    if (collected == null || more == 0) {
      content.release();
    } else if (collected.bytes() + more > limits.maxBodyBytes()) {
      content.release();
      failBody(tooLarge());
    } else if (!memory.claim(collected.bytes(), more)) {
      content.release();
      failBody(
          new Failure(
                  Failure.Kind.MEMORY_FULL,
                  "this gateway has reached its memory limit for request bodies")
              .retryAfter(memory.nanosUntilRoom()));
    } else {
      claimed += more;
      collected.add(content.content());
    }
  }

  private void releaseMemory() {
    memory.release(claimed);
    claimed = 0;
  }

  private void failBody(Failure failure) {
    RequestHandler.BodyReader bodyReader = reader;
    dropBody();
    beginDiscarding();
    ResponseStream current = answer;
    if (bodyReader != null && current != null) {
      current.closeAfter();
      bodyReader.failed(failure);
    }
  }

  private void requestRead() {
    stopUploadTimer();
    Reading previous = reading;
    reading = Reading.NOTHING;
    if (previous == Reading.BODY) {
      RequestHandler.BodyReader bodyReader = reader;
      BodyAssembler collected = body;
      reader = null;
      body = null;
      if (bodyReader != null && collected != null) {
        bodyReader.body(collected.take(), arrivedNanos);
      }
    }
    nextIfDone();
  }

  private void dropBody() {
    BodyAssembler collected = body;
    body = null;
    reader = null;
    if (collected != null) {
      collected.release();
    }
  }

  private void startUploadTimer(long millis) {
    stopUploadTimer();
    uploadTimer = channel.eventLoop().schedule(this::uploadTooSlow, millis, TimeUnit.MILLISECONDS);
  }

  private void beginDiscarding() {
    reading = Reading.DISCARD;
    discarded = 0;
    startUploadTimer(Math.min(DISCARD_MILLIS, limits.uploadMillis()));
  }

  /// Stops discarding: the client either has its answer and keeps sending, or the connection closes
  /// after the answer.
  private void endDiscarding() {
    ResponseStream current = answer;
    if (current == null) {
      closeWhenWritten();
    } else {
      closing = true;
      current.closeAfter();
    }
  }

  private void stopUploadTimer() {
    ScheduledFuture<?> timer = uploadTimer;
    uploadTimer = null;
    if (timer != null) {
      timer.cancel(false);
    }
  }

  private void uploadTooSlow() {
    uploadTimer = null;
    if (reading == Reading.BODY) {
      closing = true;
      failBody(new Failure(Failure.Kind.SLOW_UPLOAD, "the request's body arrived too slowly"));
    } else if (reading == Reading.DISCARD && !closing) {
      endDiscarding();
    }
  }

  // --- called by the request gate

  /// Whether the next byte starts a request and all earlier ones were answered.
  boolean awaitsRequest() {
    return idle && !closing && ahead.isEmpty();
  }

  /// When this connection was accepted, or its last answer ended.
  long idleSinceNanos() {
    return idleSinceNanos;
  }

  /// More bytes arrived.
  ///
  /// @param begins whether they start a request
  void arrived(long nanos, boolean begins) {
    arrivedNanos = nanos;
    if (begins) {
      startedNanos = nanos;
    }
  }

  /// See [RequestHandler#overloaded].
  ByteBuf overloaded(ByteBuf request, long nanos) {
    return handler.overloaded(channel.alloc(), request, nanos);
  }

  /// A request was rejected without being read; the connection closes.
  void refusedUnread(ChannelFuture written) {
    lastWrite = written;
    closeWhenWritten();
  }

  // --- answering

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  boolean draining() {
    return draining.getAsBoolean();
  }

  /// The answer's last byte is queued; the future completes when it is written.
  void answered(ResponseStream done, boolean close, ChannelFuture written) {
    if (answer != done) {
      return;
    }
    answer = null;
    lastWrite = written;
    releaseMemory();
    if (close && (closing || reading != Reading.DISCARD)) {
      closeWhenWritten();
    } else if (close) {
      closeWhenRead = true;
    }
    nextIfDone();
  }

  /// Closes after the answer is written. Closing while the client's bytes are unread would send a
  /// reset, which can destroy the answer in flight. So first only the output is closed and further
  /// input is discarded; the connection closes when the client closes it, or after a second.
  private void closeWhenWritten() {
    closing = true;
    var _ = lastWrite.addListener(_ -> linger());
  }

  private void linger() {
    if (!(channel instanceof SocketChannel socket) || !channel.isActive()) {
      var _ = channel.close();
      return;
    }
    var _ = socket.shutdownOutput();
    var _ = channel.config().setAutoRead(true);
    var _ = channel.eventLoop().schedule(this::closeNow, LINGER_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void closeNow() {
    var _ = channel.close();
  }

  /// Starts the next request once the last one is both read and answered.
  private void nextIfDone() {
    if (answer != null || closing || reading != Reading.NOTHING) {
      return;
    }
    if (closeWhenRead) {
      closeWhenWritten();
      return;
    }
    reading = Reading.HEAD;
    idle = true;
    idleSinceNanos = nanoTime();
    startedNanos = idleSinceNanos; // a pipelined request starts now
    if (draining()) {
      closeWhenWritten();
      return;
    }
    pump();
  }
}
