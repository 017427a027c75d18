package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.cluster.node.ContainerState.Waiting;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImagesTest {
    private final ProcessImage runner = ProcessImage.of("runner");
    private final Images images = new Images(Map.of("example.org/runner:1", runner), Map.of());

    @Test
    void givesTheProgramOfAnImage() throws Exception {
        assertThat(images.program("example.org/runner:1", "Always")).isEqualTo(runner);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            example.org/runner:2 | IfNotPresent | ErrImagePull      | rpc error: code = NotFound desc = failed to pull and unpack image "example.org/runner:2": failed to resolve reference "example.org/runner:2": example.org/runner:2: not found
            example.org/runner:2 | Never        | ErrImageNeverPull | Container image "example.org/runner:2" is not present with pull policy of Never
            Not an image         | IfNotPresent | InvalidImageName  | Failed to apply default image tag "Not an image": couldn't parse image name "Not an image": invalid reference format
            """)
    void saysInTheKubeletsWordsWhyAnImageIsNotToBeHad(String image, String policy, String reason, String message) {
        assertThatThrownBy(() -> images.program(image, policy))
                .asInstanceOf(InstanceOfAssertFactories.type(NotStartedException.class))
                .extracting(NotStartedException::waiting)
                .isEqualTo(new Waiting(reason, message));
    }
}
