// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.listener;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;

/// Netty's decoder, made to refuse what two readers could read differently: a request with both a
/// `Content-Length` and a `Transfer-Encoding` (RFC 9112, section 6.3, allows to refuse it; Netty
/// would repair it). Different lengths, bad chunk sizes and header injection Netty refuses itself.
final class StrictRequestDecoder extends HttpRequestDecoder {
  StrictRequestDecoder(Limits limits) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.maxLineBytes())
            .setMaxHeaderSize(limits.maxHeaderBytes())
            .setMaxChunkSize(64 * 1024)
            .setValidateHeaders(true)
            .setAllowDuplicateContentLengths(false));
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
  }
}
