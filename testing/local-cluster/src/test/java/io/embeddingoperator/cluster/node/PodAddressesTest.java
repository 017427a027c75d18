package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PodAddressesTest {
    @Test
    void everyAddressIsALoopbackAddressOfItsOwn() {
        var addresses = Stream.generate(PodAddresses::next).limit(1000).toList();

        assertThat(addresses).doesNotHaveDuplicates().allMatch(address -> address.startsWith("127."));
    }

    @Test
    void noAddressLooksLikeANetworkOrABroadcastOrIsAmongThoseThatPeopleUse() {
        assertThat(IntStream.range(0, 1 << 17).mapToObj(number -> PodAddresses.address(number * 128)))
                .noneMatch(address -> address.startsWith("127.0.") || address.matches(".*\\.(0|255)"))
                .allMatch(address -> Stream.of(address.split("\\."))
                        .mapToInt(Integer::parseInt)
                        .allMatch(b -> b < 256));
    }
}
