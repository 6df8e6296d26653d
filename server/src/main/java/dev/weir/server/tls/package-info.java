// SPDX-License-Identifier: Apache-2.0

/// Certificates of the listeners: reads them from PEM files ([dev.weir.server.tls.TlsFiles]),
/// validates them, and watches for a newer pair ([dev.weir.server.tls.TlsWatch]). The result is an
/// `SSLContext`, which both listeners support.
@NullMarked
package dev.weir.server.tls;

import org.jspecify.annotations.NullMarked;
