package io.embeddingoperator.runner.command;

import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
public final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"embedding-runner " + (version == null ? "(not packaged)" : version)};
    }
}
