import { SeededRandom } from './src/base/random.ts';
import { drawPlan, World } from './src/crdt/document/world.model.ts';
const run=process.argv[2]??'1';
let plan = drawPlan(new SeededRandom('laws').split(run), 30);
const fails=p=>{try{World.play(p,{model:true});return undefined}catch(e){return e}};
let err=fails(plan);
for(let changed=true;changed;){changed=false;for(let i=0;i<plan.steps.length;i++){const p={...plan,steps:plan.steps.filter((_,j)=>j!==i)};const e=fails(p);if(e){plan=p;err=e;changed=true;break;}}
for(let i=0;i<plan.steps.length&&!changed;i++)for(let k=0;k<plan.steps[i].edits.length;k++){const st={...plan.steps[i],edits:plan.steps[i].edits.filter((_,j)=>j!==k)};const p={...plan,steps:plan.steps.map((s,j)=>j===i?st:s)};const e=fails(p);if(e){plan=p;err=e;changed=true;break;}}}
console.log(JSON.stringify(plan,null,0));console.log(err);
