package io.embeddingoperator.cluster.node;

import java.nio.file.Path;

/** A volume of a pod that is ready to be mounted: a file or folder of this machine. */
record PreparedVolume(Path path, boolean readOnly) {}
