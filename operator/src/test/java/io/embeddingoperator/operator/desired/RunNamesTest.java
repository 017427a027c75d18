package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.operator.testing.TestingManifest;
import org.junit.jupiter.api.Test;

final class RunNamesTest {
    @Test
    void aRunIsNamedAfterItsJobAndItsNumber() {
        assertThat(RunNames.of(TestingManifest.wiki("""
                        spec: {runNonce: 20261130}
                        status: {run: 7, runNonce: 20261130}
                        """))).isEqualTo(new RunNames("wiki-7", "wiki-7"));
    }

    @Test
    void theLongestNameLeavesRoomForTheLastOfTheMostShards() {
        // given: the longest name and the largest number of each kind that the API takes
        String longest = RunNames.of(TestingManifest.wiki("""
                        metadata: {name: %s}
                        spec: {sharding: {shards: 100000}}
                        status: {run: %d, runNonce: 1}
                        """.formatted("n".repeat(46), Integer.MAX_VALUE)))
                .job();

        // then: the host name of the last pod is a label of DNS
        assertThat(longest + "-" + 99_999).hasSize(63);
    }
}
