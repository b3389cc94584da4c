import { floats, type Graph } from '../../onnx/graph.ts'
import type { Ensemble } from '../algorithms/ensemble.ts'

/** Version of ONNX's operators for classical models. */
export const mlOpset = { 'ai.onnx.ml': 3 } as const

/** Add an ensemble as one node. @param features its input, float32 [rows, features]. @returns `name`, float32 [rows, 1]. */
export function addEnsemble(graph: Graph, { base, trees }: Ensemble, features: string, name: string): string {
  const nodes = {
    ...{ trees: [] as number[], ids: [] as number[], features: [] as number[], values: [] as number[] },
    ...{ left: [] as number[], right: [] as number[], modes: [] as string[] },
  }
  const leaves = { trees: [] as number[], ids: [] as number[], weights: [] as number[] }
  trees.forEach((tree, t) => {
    tree.feature.forEach((feature, node) => {
      const isLeaf = feature < 0
      nodes.trees.push(t)
      nodes.ids.push(node)
      nodes.features.push(isLeaf ? 0 : feature)
      nodes.values.push(tree.threshold[node]!)
      nodes.left.push(tree.left[node]!)
      nodes.right.push(tree.right[node]!)
      nodes.modes.push(isLeaf ? 'LEAF' : 'BRANCH_LEQ')
      if (!isLeaf) return
      leaves.trees.push(t)
      leaves.ids.push(node)
      leaves.weights.push(tree.value[node]!)
    })
  })
  const attributes = {
    ...{ nodes_treeids: nodes.trees, nodes_nodeids: nodes.ids, nodes_featureids: nodes.features },
    ...{ nodes_values: floats(nodes.values), nodes_modes: nodes.modes },
    ...{ nodes_truenodeids: nodes.left, nodes_falsenodeids: nodes.right },
    ...{ target_treeids: leaves.trees, target_nodeids: leaves.ids, target_ids: leaves.ids.map(() => 0) },
    ...{ target_weights: floats(leaves.weights), n_targets: 1, base_values: floats([base]) },
    ...{ aggregate_function: 'SUM', post_transform: 'NONE' },
  }
  return graph.node('TreeEnsembleRegressor', [features], name, attributes, 'ai.onnx.ml')
}
