package io.embeddingoperator.runner.embed.onnx.model;

import java.net.InetAddress;
import java.util.Set;

/** Tells addresses that only a machine or a network itself can reach from those of the internet. */
final class InternalAddress {
    /** Metadata servers of clouds that are not link-local. */
    private static final Set<String> METADATA = Set.of("100.100.100.200", "fd00:ec2:0:0:0:0:0:254");

    private static final int CARRIER = 100;

    private InternalAddress() {}

    static boolean isMetadata(InetAddress address) {
        return address.isLinkLocalAddress() || METADATA.contains(address.getHostAddress());
    }

    static boolean isInternal(InetAddress address) {
        return isMetadata(address)
                || address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || isUniqueLocalOrShared(address.getAddress());
    }

    /** fc00::/7, 0.0.0.0/8 and 100.64.0.0/10. */
    private static boolean isUniqueLocalOrShared(byte[] address) {
        int first = address[0] & 0xFF;
        int second = address[1] & 0xFF;
        return address.length > 4 ? (first & 0xFE) == 0xFC : first == 0 || first == CARRIER && (second & 0xC0) == 64;
    }
}
