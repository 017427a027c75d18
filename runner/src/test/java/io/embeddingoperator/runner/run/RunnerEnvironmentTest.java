package io.embeddingoperator.runner.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.logging.LogFormat;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunnerEnvironmentTest {
    @TempDir
    private Path folder;

    @Test
    void withoutVariablesEverythingIsAsOnALaptop() {
        RunnerEnvironment environment = RunnerEnvironment.of(Map.of());

        assertThat(environment.run()).isEmpty();
        assertThat(environment.shard()).isEmpty();
        assertThat(environment.progressAddress()).isEmpty();
        assertThat(environment.sourceFolder()).isEmpty();
        assertThat(environment.logFormat()).isEqualTo(LogFormat.TEXT);
    }

    @Test
    void aPodNamesWhatItHas() {
        RunnerEnvironment environment = RunnerEnvironment.of(Map.of(
                EnvironmentVariable.RUN, "7",
                EnvironmentVariable.SHARD_INDEX, "3",
                EnvironmentVariable.HTTP_PORT, "8080",
                EnvironmentVariable.HTTP_ADDRESS, "127.0.0.1",
                EnvironmentVariable.SOURCE_FOLDER, folder.toString(),
                EnvironmentVariable.LOG_FORMAT, "json",
                EnvironmentVariable.TERMINATION_MESSAGE_PATH, "/tmp/last-words"));

        assertThat(environment.run()).hasValue(7);
        assertThat(environment.shard()).hasValue(3);
        assertThat(environment.progressAddress()).contains(new InetSocketAddress("127.0.0.1", 8080));
        assertThat(environment.sourceFolder()).contains(folder);
        assertThat(environment.logFormat()).isEqualTo(LogFormat.JSON);
        assertThat(environment.terminationMessage()).contains(Path.of("/tmp/last-words"));
    }

    @Test
    void withoutAnAddressThePortIsOpenOnAllOfThem() {
        RunnerEnvironment environment = RunnerEnvironment.of(Map.of(EnvironmentVariable.HTTP_PORT, "0"));

        assertThat(environment.progressAddress())
                .hasValueSatisfying(address ->
                        assertThat(address.getAddress().isAnyLocalAddress()).isTrue());
    }

    @ParameterizedTest
    @CsvSource({
        "EMBEDDING_RUN, last, use a whole number from 0 to 2147483647",
        "JOB_COMPLETION_INDEX, -1, use a whole number from 0 to 2147483647",
        "EMBEDDING_HTTP_PORT, 70000, use a whole number from 0 to 65535",
        "EMBEDDING_HTTP_ADDRESS, localhost, 'use an IP address of this machine, for example 127.0.0.1'",
        "EMBEDDING_SOURCE_FOLDER, /no/such/folder, "
                + "'use a folder that exists, the one that spec.source.volume.path begins in'",
        "EMBEDDING_LOG_FORMAT, xml, use text or json",
    })
    void aBadValueIsRefusedWithWhatToDo(String variable, String value, String advice) {
        Map<String, String> variables = new HashMap<>(Map.of(EnvironmentVariable.HTTP_PORT, "0"));
        variables.put(variable, value);

        assertThatThrownBy(() -> RunnerEnvironment.of(variables))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("the environment variable %s is \"%s\": %s", variable, value, advice);
    }
}
