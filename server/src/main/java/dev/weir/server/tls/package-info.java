// SPDX-License-Identifier: Apache-2.0

/// Certificates for the listeners: read from PEM files ([dev.weir.server.tls.TlsFiles]), checked
/// before they are used, and watched for a newer pair ([dev.weir.server.tls.TlsWatch]). What comes
/// out is a plain `SSLContext`, which both listeners understand.
@NullMarked
package dev.weir.server.tls;

import org.jspecify.annotations.NullMarked;
