// What a caller in TypeScript does, with the client that @hey-api/openapi-ts generates.
import { readFileSync } from "node:fs";

import { auditDecisions, getModel, predict, trainModel } from "./hey_api";
import { client } from "./hey_api/client.gen";
import type { DecisionList, EmployeeList, PastDecisionList } from "./hey_api";

type Bodies = { train: PastDecisionList; predict: EmployeeList; audit: DecisionList[]; wrong: EmployeeList };

// The types allow what the service takes, and refuse what it refuses.
const person = { sex: "Female", race_ethnicity: null };
const inputs = { years_of_experience: 3, performance_score: 50 };
const allowed: [PastDecisionList, DecisionList, DecisionList] = [
  { employees: [{ ...inputs, promoted: true }, { ...inputs, promoted: 0, employee_id: null }] },
  { decisions: [{ ...person, selected: true }, { ...person, selected: false, pool: "2026", count: 3 }] },
  { decisions: [{ ...person, ...inputs }] },
];
// @ts-expect-error 2 is no decision
const undecided: PastDecisionList = { employees: [{ ...inputs, promoted: 2 }] };
// @ts-expect-error the second decision is not of the first one's kind
const unlike: DecisionList = { decisions: [{ ...person, selected: true }, { ...person, score: 0.5 }] };

async function main(url: string, file: string) {
  const bodies: Bodies = JSON.parse(readFileSync(file, "utf8"));
  client.setConfig({ baseUrl: url });

  const trained = await trainModel({ body: bodies.train, query: { network: "single_neuron", seed: 7 }, throwOnError: true });
  if (!("version" in trained.data)) throw new Error("the training goes on");

  const scored = await predict({ body: bodies.predict, query: { explain: true, "step.years_of_experience": 1 }, throwOnError: true });
  const [first] = scored.data.predictions;

  const ratios: (number | null | undefined)[][] = [];
  for (const body of bodies.audit) {
    const audited = await auditDecisions({ body, query: { exclude_below: 0.02 }, throwOnError: true });
    ratios.push(audited.data.tables.sex.map((category) => category.impact_ratio));
  }

  const model = await getModel({ throwOnError: true });
  const refused = await predict({ body: bodies.wrong });

  return {
    version: trained.data.version,
    probabilities: scored.data.predictions.map((one) => one.probability),
    reason: first?.explanation?.reasons[0]?.code,
    ratios,
    output: model.data.network.weights.output,
    problem: { status: refused.response?.status, code: refused.error?.code, pointer: refused.error?.errors?.[0]?.pointer },
  };
}

void main(process.argv[2]!, process.argv[3]!).then((done) => console.log(JSON.stringify(done)));
