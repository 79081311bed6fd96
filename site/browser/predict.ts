import { createPredictor } from '../../ml/predict.ts';
import { bridge } from './bridge.ts';

bridge().create = (artefact) => createPredictor(artefact);
