package io.embeddingoperator.cluster.node;

/** A volume that cannot be mounted yet; the message is the one of the kubelet's FailedMount event. */
final class MountFailedException extends Exception {
    MountFailedException(String volume, String why) {
        super("MountVolume.SetUp failed for volume \"" + volume + "\" : " + why);
    }
}
