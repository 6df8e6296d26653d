// SPDX-License-Identifier: Apache-2.0
/// Schedule and prompts of the requests that a gateway generates when a release has too little
/// client traffic.
///
/// This package sends nothing; the gateway's own pipeline sends the requests.
@org.jspecify.annotations.NullMarked
package dev.weir.gateway.generate;
