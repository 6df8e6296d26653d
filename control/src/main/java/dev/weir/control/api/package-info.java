// SPDX-License-Identifier: Apache-2.0
/// The control plane over HTTP: one route table, problems as RFC 9457, watches as server-sent
/// events. It has no rule of its own: who may is decided in `.access`, what is right in
/// `.validation`, and everything that is written goes through `.change`.
@NullMarked
package dev.weir.control.api;

import org.jspecify.annotations.NullMarked;
