package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class VectorHeadTest {
    @Test
    void aLayerNormIsThatOfPyTorch() throws Exception {
        // given
        VectorHead head = new VectorHead(List.of(), 4, true, 3, false);

        // when
        float[] vector = head.finish(new float[] {1, 2, 3, 10}, 0);

        // then: torch.nn.functional.layer_norm(torch.tensor([1., 2., 3., 10.]), (4,))
        assertThat(vector).containsExactly(new float[] {-0.8485278f, -0.5656852f, -0.2828426f}, within(1e-6f));
    }

    @Test
    void aVectorOfOneNumberOverAndOverHasNoDirectionAfterIt() throws Exception {
        VectorHead head = new VectorHead(List.of(), 4, true, 2, true);

        assertThat(head.finish(new float[] {7, 7, 7, 7}, 0)).containsExactly(0, 0);
    }
}
